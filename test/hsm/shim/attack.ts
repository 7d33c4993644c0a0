/**
 * What someone with a token's user PIN may try, on a token of the test's own. Reads `{library, label, pin, blob}` as
 * JSON from standard input and prints the outcome of each attempt: `done` or the return code.
 */
import { readFileSync } from 'node:fs';
import pkcs11 from 'pkcs11js';
import { returnCode } from '../../../src/hsm-worker/classify.ts';
import { LABEL } from '../../../src/hsm-worker/objects.ts';
import { type Attributes, template } from '../../../src/hsm-worker/token.ts';

const KWP = 0x210a;
const { library, label, pin, blob } = JSON.parse(readFileSync(0, 'utf8')) as Record<string, string>;
const module = new pkcs11.PKCS11();
module.load(library!);
module.C_Initialize({ flags: pkcs11.CKF_OS_LOCKING_OK });
const slot = module.C_GetSlotList(true).find((one) => module.C_GetTokenInfo(one).label.trim() === label);
const session = module.C_OpenSession(slot!, pkcs11.CKF_SERIAL_SESSION | pkcs11.CKF_RW_SESSION);
module.C_Login(session, pkcs11.CKU_USER, pin);

function find(attributes: Attributes): Buffer {
  module.C_FindObjectsInit(session, template(attributes));
  const [object] = module.C_FindObjects(session, 1);
  module.C_FindObjectsFinal(session);
  return object!;
}

const AES = { CLASS: pkcs11.CKO_SECRET_KEY, KEY_TYPE: pkcs11.CKK_AES, TOKEN: false, PRIVATE: true };
const clusterKey = find({ CLASS: pkcs11.CKO_SECRET_KEY, LABEL: LABEL.clusterKey });
const identity = find({ CLASS: pkcs11.CKO_PRIVATE_KEY, LABEL: LABEL.identity });
const own = module.C_CreateObject(
  session,
  template({ ...AES, WRAP: true, UNWRAP: true, DECRYPT: true, VALUE: Buffer.alloc(32, 7) }),
);
const wrap = (under: Buffer, key: Buffer): Buffer =>
  module.C_WrapKey(session, { mechanism: KWP }, under, key, Buffer.alloc(4096));
const change = (key: Buffer, attributes: Attributes): void =>
  module.C_SetAttributeValue(session, key, template(attributes));
const ownRsa = (trusted: Attributes): Buffer =>
  module.C_CreateObject(
    session,
    template({
      CLASS: pkcs11.CKO_PUBLIC_KEY,
      KEY_TYPE: pkcs11.CKK_RSA,
      TOKEN: false,
      PRIVATE: false,
      MODULUS: Buffer.alloc(256, 0xc5),
      PUBLIC_EXPONENT: Buffer.from([1, 0, 1]),
      WRAP: true,
      ...trusted,
    }),
  );
const oaep: pkcs11.RsaOAEP = {
  type: pkcs11.CK_PARAMS_RSA_OAEP,
  hashAlg: pkcs11.CKM_SHA_1,
  mgf: pkcs11.CKG_MGF1_SHA1,
  source: 1,
};

const attempts: Record<string, () => unknown> = {
  'read the cluster key': () => module.C_GetAttributeValue(session, clusterKey, [{ type: pkcs11.CKA_VALUE }]),
  'wrap the cluster key under an own AES key': () => wrap(own, clusterKey),
  'wrap the cluster key under an own RSA key': () =>
    module.C_WrapKey(
      session,
      { mechanism: pkcs11.CKM_RSA_PKCS_OAEP, parameter: oaep },
      ownRsa({}),
      clusterKey,
      Buffer.alloc(512),
    ),
  'make a trusted key': () => ownRsa({ TRUSTED: true }),
  'lift WRAP_WITH_TRUSTED': () => change(clusterKey, { WRAP_WITH_TRUSTED: false }),
  'let the cluster key decrypt': () => change(clusterKey, { DECRYPT: true }),
  'copy the cluster key with wider use': () =>
    module.C_CopyObject(session, clusterKey, template({ TOKEN: false, DECRYPT: true })),
  'decrypt with the cluster key': () => module.C_DecryptInit(session, { mechanism: pkcs11.CKM_AES_ECB }, clusterKey),
  'read the identity key': () => module.C_GetAttributeValue(session, identity, [{ type: pkcs11.CKA_PRIVATE_EXPONENT }]),
  'wrap the identity key': () => wrap(clusterKey, identity),
  'make the identity key extractable': () => change(identity, { EXTRACTABLE: true }),
  'open a data key as extractable and wrap it out': () => {
    const wrapped = Buffer.from(blob!, 'base64').subarray(20);
    const open = template({ ...AES, EXTRACTABLE: true });
    return wrap(own, module.C_UnwrapKey(session, { mechanism: KWP }, clusterKey, wrapped, open));
  },
};

const outcomes: Record<string, string> = {};
for (const [name, attempt] of Object.entries(attempts)) {
  try {
    attempt();
    outcomes[name] = 'done';
  } catch (error) {
    outcomes[name] = returnCode(error);
  }
}
process.stdout.write(JSON.stringify(outcomes));
