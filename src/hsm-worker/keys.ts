import pkcs11 from 'pkcs11js';
import {
  type BlobParts,
  blobHead,
  CHECK_AAD,
  CHECK_IV,
  CHECK_PLAINTEXT,
  checkValue,
  joinBlob,
  KIND_AES,
  splitBlob,
} from './blob.ts';
import { returnCode } from './classify.ts';
import { KeyCache } from './key-cache.ts';
import { LABEL, sessionKeyAttributes } from './objects.ts';
import { Refusal } from './refusal.ts';
import { type Token, template } from './token.ts';

const TAG = 16;
/** One scratch parameter object: calls run one after another, and the binding copies it at each Init. */
const gcm = {
  type: pkcs11.CK_PARAMS_AES_GCM_v240,
  iv: CHECK_IV as Buffer,
  ivBits: 96,
  aad: CHECK_AAD as Buffer,
  tagBits: 8 * TAG,
};
const gcmMechanism: pkcs11.Mechanism = { mechanism: pkcs11.CKM_AES_GCM, parameter: gcm };

/** What a return code leads to, when a request step failed at the HSM. */
type OnRequestError = 'KeyNotUsable' | 'BadCiphertext' | 'DeviceFailed';

/** The data plane of a token whose user is logged in: keys come as blobs and are opened when used. */
export class Keys {
  readonly #token: Token;
  readonly #cache: KeyCache;
  readonly #clusterId: Buffer;
  #clusterKey: Buffer;

  constructor(token: Token, clusterId: Buffer, clusterKey: Buffer, cachedKeys: number) {
    this.#token = token;
    this.#clusterId = clusterId;
    this.#clusterKey = clusterKey;
    this.#cache = new KeyCache(cachedKeys, (handle) => this.#destroy(handle));
  }

  get cached(): number {
    return this.#cache.size;
  }

  /** Makes a key, wraps it and destroys it: only the blob remains. */
  generate(kind: number, parameter: number): Buffer {
    if (kind !== KIND_AES || ![128, 192, 256].includes(parameter)) {
      throw new Refusal('InvalidRequest', 'no such kind of key');
    }
    return this.#attempt('DeviceFailed', () => {
      const { module, objects, kwp } = this.#token;
      const attributes = { ...sessionKeyAttributes({ data: true, extractable: true }), VALUE_LEN: parameter / 8 };
      const key = module.C_GenerateKey(objects, { mechanism: pkcs11.CKM_AES_KEY_GEN }, template(attributes));
      try {
        const wrapped = module.C_WrapKey(objects, { mechanism: kwp }, this.#clusterKey, key, Buffer.alloc(256));
        const head = blobHead(kind, parameter, this.#clusterId);
        return joinBlob(head, this.#check(head, key), wrapped);
      } finally {
        this.#destroy(key);
      }
    });
  }

  /** The check value, computed anew by using the key. */
  loadCheck(blob: Buffer): Buffer {
    const parts = splitBlob(blob, this.#clusterId);
    return this.#attempt('KeyNotUsable', () => this.#check(parts.head, this.#open(blob)));
  }

  /** Writes ciphertext and tag into `out`; answers how many bytes it wrote. */
  encrypt(blob: Buffer, iv: Buffer, aad: Buffer, plaintext: Buffer, out: Buffer): number {
    checkIv(iv);
    return this.#attempt('DeviceFailed', () => this.#seal(this.#open(blob), iv, aad, plaintext, out).length);
  }

  /** The same for a plaintext. */
  decrypt(blob: Buffer, iv: Buffer, aad: Buffer, ciphertext: Buffer, out: Buffer): number {
    checkIv(iv);
    if (ciphertext.length < TAG) throw new Refusal('BadCiphertext', 'the ciphertext is shorter than its tag');
    return this.#attempt('BadCiphertext', () => this.#unseal(this.#open(blob), iv, aad, ciphertext, out).length);
  }

  random(count: number): Buffer {
    if (count < 1 || count > 4096) throw new Refusal('InvalidRequest', 'random bytes come 1 to 4096 at a time');
    return this.#attempt('DeviceFailed', () => {
      const bytes = this.#token.module.C_GenerateRandom(this.#token.objects, Buffer.alloc(count));
      return bytes;
    });
  }

  /** Destroys the blob's key if it is opened. One that cannot be destroyed by itself goes with the whole process. */
  forget(blob: Buffer): void {
    const key = this.#cache.take(blob.toString('latin1'));
    if (key === undefined) return;
    try {
      this.#token.module.C_DestroyObject(this.#token.objects, key);
    } catch (error) {
      const name = returnCode(error);
      // Its session has ended, and the key with it.
      if (this.#token.classify(name) === 'session') return;
      throw new Refusal('DeviceFailed', `the HSM did not destroy an opened key: ${name}`, true);
    }
  }

  /** Everything the data plane does, with a key of its own; also that a wrong tag is refused. */
  selfTest(): void {
    const blob = this.generate(KIND_AES, 256);
    const iv = this.random(12);
    for (const plaintext of [Buffer.from('Coffer self-test'), Buffer.alloc(0)]) {
      const sealed = Buffer.alloc(plaintext.length + TAG);
      this.encrypt(blob, iv, CHECK_AAD, plaintext, sealed);
      const opened = Buffer.alloc(sealed.length);
      const length = this.decrypt(blob, iv, CHECK_AAD, sealed, opened);
      if (!opened.subarray(0, length).equals(plaintext))
        throw new Refusal('DeviceFailed', 'self-test: wrong plaintext');
      sealed[0]! ^= 1;
      if (this.#accepts(blob, iv, sealed)) throw new Refusal('DeviceFailed', 'self-test: a wrong tag was accepted');
    }
    this.forget(blob);
  }

  #accepts(blob: Buffer, iv: Buffer, sealed: Buffer): boolean {
    try {
      this.decrypt(blob, iv, CHECK_AAD, sealed, Buffer.alloc(sealed.length));
      return true;
    } catch (error) {
      if (error instanceof Refusal && error.code === 'BadCiphertext') return false;
      throw error;
    }
  }

  /** The handle of a blob's key. What the blob says is checked against the key the first time. */
  #open(blob: Buffer): Buffer {
    // A blob is short, so it is its own cache key: no hash to compute, and no two blobs are alike.
    const name = blob.toString('latin1');
    const cached = this.#cache.get(name);
    if (cached !== undefined) return cached;
    const key = this.#unwrap(splitBlob(blob, this.#clusterId));
    this.#cache.put(name, key);
    return key;
  }

  #unwrap(parts: BlobParts): Buffer {
    if (parts.kind !== KIND_AES) throw new Refusal('KeyNotUsable', 'no such kind of key');
    const { module, objects, kwp } = this.#token;
    const attributes = template(sessionKeyAttributes({ data: true, extractable: false }));
    let key: Buffer | undefined;
    try {
      key = module.C_UnwrapKey(objects, { mechanism: kwp }, this.#clusterKey, parts.wrapped, attributes);
      if (this.#check(parts.head, key).equals(parts.check)) return key;
    } catch (error) {
      if (key !== undefined) this.#destroy(key);
      const name = returnCode(error);
      const verdict = this.#token.classify(name);
      if (error instanceof Refusal || verdict === 'session') throw error;
      throw this.#judged('KeyNotUsable', name, verdict);
    }
    this.#destroy(key);
    throw new Refusal('KeyNotUsable', 'the wrapped key is damaged');
  }

  #check(head: Buffer, key: Buffer): Buffer {
    return checkValue(head, this.#seal(key, CHECK_IV, CHECK_AAD, CHECK_PLAINTEXT, Buffer.alloc(32)));
  }

  #seal(key: Buffer, iv: Buffer, aad: Buffer, plaintext: Buffer, out: Buffer): Buffer {
    const { module, work, profile } = this.#token;
    gcm.iv = iv;
    gcm.aad = aad;
    module.C_EncryptInit(work, gcmMechanism, key);
    const written =
      plaintext.length === 0 && profile.quirks.emptyGcmByFinal
        ? module.C_EncryptFinal(work, out)
        : module.C_Encrypt(work, plaintext, out);
    if (written.length !== plaintext.length + TAG) throw new Refusal('DeviceFailed', 'GCM gave a wrong length', true);
    return written;
  }

  #unseal(key: Buffer, iv: Buffer, aad: Buffer, ciphertext: Buffer, out: Buffer): Buffer {
    const { module, work } = this.#token;
    gcm.iv = iv;
    gcm.aad = aad;
    module.C_DecryptInit(work, gcmMechanism, key);
    return module.C_Decrypt(work, ciphertext, out);
  }

  #destroy(key: Buffer): void {
    try {
      this.#token.module.C_DestroyObject(this.#token.objects, key);
    } catch (error) {
      if (this.#token.classify(returnCode(error)) === 'fatal') throw error;
    }
  }

  /**
   * Runs a call, and once more after renewing the sessions when these were at fault: every call here gives the same
   * result when repeated. `code` is what the caller is told when the request was wrong.
   */
  #attempt<T>(code: OnRequestError, call: () => T): T {
    for (let tries = 0; ; tries += 1) {
      try {
        return call();
      } catch (error) {
        if (error instanceof Refusal) throw error;
        this.#token.dropWork();
        const name = returnCode(error);
        const verdict = this.#token.classify(name);
        if (verdict === 'session' && tries === 0) this.#renew();
        else throw this.#judged(code, name, verdict);
      }
    }
  }

  #judged(code: OnRequestError, name: string, verdict: string): Refusal {
    if (verdict !== 'request' && verdict !== 'unclear')
      return new Refusal('DeviceFailed', `the HSM failed: ${name}`, true);
    if (!this.#healthy()) return new Refusal('DeviceFailed', `the HSM failed its health check after ${name}`, true);
    return new Refusal(code, `the HSM refused: ${name}`);
  }

  /** Makes a key, encrypts and decrypts with it, on a fresh session. */
  #healthy(): boolean {
    this.#token.dropWork();
    const { module, objects } = this.#token;
    try {
      const attributes = { ...sessionKeyAttributes({ data: true, extractable: false }), VALUE_LEN: 32 };
      const key = module.C_GenerateKey(objects, { mechanism: pkcs11.CKM_AES_KEY_GEN }, template(attributes));
      const sealed = Buffer.from(this.#seal(key, CHECK_IV, CHECK_AAD, CHECK_PLAINTEXT, Buffer.alloc(32)));
      const opened = this.#unseal(key, CHECK_IV, CHECK_AAD, sealed, Buffer.alloc(32));
      this.#destroy(key);
      return opened.equals(CHECK_PLAINTEXT);
    } catch {
      this.#token.dropWork();
      return false;
    }
  }

  /** New sessions lose all opened keys, and the login unless another session kept it: find the cluster key again. */
  #renew(): void {
    this.#cache.clear();
    try {
      const [key] = this.#token.find({ CLASS: pkcs11.CKO_SECRET_KEY, LABEL: LABEL.clusterKey });
      if (key === undefined) throw new Error('CKR_USER_NOT_LOGGED_IN');
      this.#clusterKey = key;
    } catch (error) {
      throw new Refusal('DeviceFailed', `the HSM lost its session: ${returnCode(error)}`, true);
    }
  }
}

function checkIv(iv: Buffer): void {
  if (iv.length !== 12) throw new Refusal('InvalidRequest', 'a GCM IV has 12 bytes');
  if (iv.equals(CHECK_IV)) throw new Refusal('InvalidRequest', 'this IV is kept for check values');
}
