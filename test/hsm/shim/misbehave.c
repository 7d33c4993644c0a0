/*
 * A PKCS#11 module that passes everything on to TARGET (a path given to the compiler), except that C_Encrypt does
 * something bad when the plaintext begins with "misbehave:" and a word, and C_InitToken or
 * C_DestroyObject fails while there is a file with the name that REFUSE_INIT or REFUSE_DESTROY gives. Built by faults.test.ts.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CK_PTR *
#define CK_DEFINE_FUNCTION(returnType, name) returnType name
#define CK_DECLARE_FUNCTION(returnType, name) returnType name
#define CK_DECLARE_FUNCTION_POINTER(returnType, name) returnType(*name)
#define CK_CALLBACK_FUNCTION(returnType, name) returnType(*name)
#ifndef NULL_PTR
#define NULL_PTR 0
#endif
#include "pkcs11.h"

static CK_FUNCTION_LIST_PTR real;
static CK_FUNCTION_LIST list;
static int session_errors;

static int is(CK_BYTE_PTR data, CK_ULONG length, const char *word) {
  size_t n = strlen(word);
  return length == 10 + n && memcmp(data, "misbehave:", 10) == 0 && memcmp(data + 10, word, n) == 0;
}

static CK_RV encrypt(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG length, CK_BYTE_PTR out, CK_ULONG_PTR outLength) {
  if (is(data, length, "crash")) *(volatile int *)8 = 1;
  if (is(data, length, "abort")) abort();
  if (is(data, length, "hang")) for (;;) pause();
  if (is(data, length, "gone")) return CKR_DEVICE_REMOVED;
  /* The operation stays active, as after CKR_BUFFER_TOO_SMALL: the next C_EncryptInit on this session fails. */
  if (is(data, length, "stuck")) return CKR_DATA_INVALID;
  if (is(data, length, "session") && session_errors++ == 0) return CKR_SESSION_HANDLE_INVALID;
  return real->C_Encrypt(session, data, length, out, outLength);
}

static int refused(const char *variable) {
  const char *file = getenv(variable);
  return file != 0 && access(file, F_OK) == 0;
}

static CK_RV destroy(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object) {
  if (refused("REFUSE_DESTROY")) return CKR_FUNCTION_FAILED;
  return real->C_DestroyObject(session, object);
}

static CK_RV init_token(CK_SLOT_ID slot, CK_UTF8CHAR_PTR pin, CK_ULONG length, CK_UTF8CHAR_PTR label) {
  if (refused("REFUSE_INIT")) return CKR_DEVICE_ERROR;
  return real->C_InitToken(slot, pin, length, label);
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR result) {
  if (real == 0) {
    void *module = dlopen(TARGET, RTLD_NOW | RTLD_LOCAL);
    if (module == 0) return CKR_GENERAL_ERROR;
    CK_C_GetFunctionList get = (CK_C_GetFunctionList)dlsym(module, "C_GetFunctionList");
    if (get == 0 || get(&real) != CKR_OK) return CKR_GENERAL_ERROR;
    memcpy(&list, real, sizeof list);
    list.C_Encrypt = encrypt;
    list.C_InitToken = init_token;
    list.C_DestroyObject = destroy;
  }
  *result = &list;
  return CKR_OK;
}
