import { createPublicKey, randomBytes, verify } from 'node:crypto';
import pkcs11 from 'pkcs11js';
import { CLUSTER_ID_BYTES } from './blob.ts';
import { returnCode } from './classify.ts';
import {
  clusterKeyAttributes,
  exportSpki,
  generateRsa,
  identityAttributes,
  importSpki,
  LABEL,
  oaep,
  sessionKeyAttributes,
  signWithIdentity,
} from './objects.ts';
import { Refusal } from './refusal.ts';
import { type Token, template } from './token.ts';

/** Public facts of a cluster, as a new member takes them over. All hex or base64. */
export interface CloneFacts {
  clusterId: string;
  /** SubjectPublicKeyInfo of the identity key, DER. */
  spki: string;
  certificates?: { owner: string; ownerSubject: string; cluster: string; clusterSubject: string };
  /** What the member that made the clone signed, and its signature by the identity key. */
  statement: string;
  signature: string;
}

/** Erases the token and gives it the two PINs. Answers its serial number. */
export function initToken(token: Token, officerPin: string, userPin: string, label: string): string {
  token.initialise(officerPin, label);
  token.loginOfficer(officerPin);
  token.module.C_InitPIN(token.objects, userPin);
  token.logout();
  return token.info().serial;
}

/** The cluster key and the identity pair are born here; the identity's private half is wrapped once, then shut in. */
export function createIdentity(token: Token): { clusterId: Buffer; spki: Buffer } {
  forgetCluster(token);
  try {
    const { module, objects } = token;
    const clusterId = module.C_GenerateRandom(objects, Buffer.alloc(CLUSTER_ID_BYTES));
    const clusterKey = module.C_GenerateKey(
      objects,
      { mechanism: pkcs11.CKM_AES_KEY_GEN },
      template({ VALUE_LEN: 32, ...clusterKeyAttributes(clusterId) }),
    );
    proveShut(token, clusterKey);
    const pair = generateRsa(token, LABEL.identity, { VERIFY: true }, identityAttributes(true));
    const blob = module.C_WrapKey(objects, { mechanism: token.kwp }, clusterKey, pair.privateKey, Buffer.alloc(4096));
    module.C_SetAttributeValue(objects, pair.privateKey, template({ EXTRACTABLE: false }));
    storeData(token, LABEL.identityBlob, blob);
    return { clusterId, spki: exportSpki(token, pair.publicKey) };
  } catch (error) {
    forgetCluster(token);
    throw error;
  }
}

export function sign(token: Token, message: Buffer): Buffer {
  const key = one(token, { CLASS: pkcs11.CKO_PRIVATE_KEY, LABEL: LABEL.identity });
  return signWithIdentity(token, key, message);
}

/** DER certificates and the DER names of their subjects, which PKCS#11 wants beside them. */
export function installCertificates(
  token: Token,
  owner: { der: Buffer; subject: Buffer },
  cluster: { der: Buffer; subject: Buffer },
): void {
  for (const [label, { der, subject }] of [
    [LABEL.ownerCertificate, owner],
    [LABEL.clusterCertificate, cluster],
  ] as const) {
    token.destroyAll({ CLASS: pkcs11.CKO_CERTIFICATE, LABEL: label });
    token.module.C_CreateObject(
      token.objects,
      template({
        CLASS: pkcs11.CKO_CERTIFICATE,
        CERTIFICATE_TYPE: pkcs11.CKC_X_509,
        TOKEN: true,
        PRIVATE: false,
        LABEL: label,
        SUBJECT: subject,
        VALUE: der,
      }),
    );
  }
}

/** The transport pair of a new member: its private half opens keys and cannot leave. */
export function prepareJoin(token: Token): Buffer {
  forgetCluster(token);
  const pair = generateRsa(
    token,
    LABEL.transport,
    { WRAP: true, ENCRYPT: false, VERIFY: false },
    {
      TOKEN: true,
      PRIVATE: true,
      SENSITIVE: true,
      EXTRACTABLE: false,
      UNWRAP: true,
      DECRYPT: false,
      SIGN: false,
      LABEL: LABEL.transport,
    },
  );
  return exportSpki(token, pair.publicKey);
}

/**
 * Seals the cluster key for a peer's transport key. The officer vouches for that key (CKA_TRUSTED), as the user may
 * not; it is destroyed right after. Leaves the user logged in.
 */
export function sealClusterKey(
  token: Token,
  officerPin: string,
  userPin: string,
  transport: Buffer,
): { sealed: Buffer; identityBlob: Buffer } {
  const { modulus, exponent } = importSpki(transport);
  const { module } = token;
  token.loginOfficer(officerPin);
  token.destroyAll({ CLASS: pkcs11.CKO_PUBLIC_KEY, LABEL: LABEL.peer });
  module.C_CreateObject(
    token.objects,
    template({
      CLASS: pkcs11.CKO_PUBLIC_KEY,
      KEY_TYPE: pkcs11.CKK_RSA,
      TOKEN: true,
      PRIVATE: false,
      MODULUS: modulus,
      PUBLIC_EXPONENT: exponent,
      TRUSTED: true,
      WRAP: true,
      ENCRYPT: false,
      VERIFY: false,
      LABEL: LABEL.peer,
    }),
  );
  token.logout();
  token.loginUser(userPin);
  try {
    const clusterKey = one(token, { CLASS: pkcs11.CKO_SECRET_KEY, LABEL: LABEL.clusterKey });
    const peer = one(token, { CLASS: pkcs11.CKO_PUBLIC_KEY, LABEL: LABEL.peer });
    const sealed = module.C_WrapKey(token.objects, oaep(token), peer, clusterKey, Buffer.alloc(512));
    const blob = one(token, { CLASS: pkcs11.CKO_DATA, LABEL: LABEL.identityBlob });
    return { sealed, identityBlob: token.attribute(blob, 'VALUE') };
  } finally {
    token.destroyAll({ CLASS: pkcs11.CKO_PUBLIC_KEY, LABEL: LABEL.peer });
  }
}

/**
 * Takes the cluster key and the identity over. Nothing stays unless the identity key signs as the clone's public key
 * says, and has signed the clone itself.
 */
export function completeJoin(token: Token, facts: CloneFacts, sealed: Buffer, identityBlob: Buffer): void {
  const { module, objects } = token;
  const [transport] = token.find({ CLASS: pkcs11.CKO_PRIVATE_KEY, LABEL: LABEL.transport });
  if (transport === undefined) throw new Refusal('KeyNotUsable', 'no join was prepared on this HSM');
  try {
    const spki = createPublicKey({ key: Buffer.from(facts.spki, 'base64'), format: 'der', type: 'spki' });
    const statement = Buffer.from(facts.statement, 'base64');
    if (!verify('sha256', statement, spki, Buffer.from(facts.signature, 'base64'))) throw new Error('signature');
    const clusterKey = module.C_UnwrapKey(
      objects,
      oaep(token),
      transport,
      sealed,
      template(clusterKeyAttributes(Buffer.from(facts.clusterId, 'hex'))),
    );
    const identity = module.C_UnwrapKey(
      objects,
      { mechanism: token.kwp },
      clusterKey,
      identityBlob,
      template({ CLASS: pkcs11.CKO_PRIVATE_KEY, KEY_TYPE: pkcs11.CKK_RSA, ...identityAttributes(false) }),
    );
    const challenge = randomBytes(32);
    if (!verify('sha256', challenge, spki, signWithIdentity(token, identity, challenge))) throw new Error('identity');
    proveShut(token, clusterKey);
    storeData(token, LABEL.identityBlob, identityBlob);
    if (facts.certificates !== undefined) {
      const { owner, ownerSubject, cluster, clusterSubject } = facts.certificates;
      const bytes = (text: string): Buffer => Buffer.from(text, 'base64');
      installCertificates(
        token,
        { der: bytes(owner), subject: bytes(ownerSubject) },
        { der: bytes(cluster), subject: bytes(clusterSubject) },
      );
    }
    token.destroyAll({ LABEL: LABEL.transport });
  } catch (error) {
    token.dropWork();
    forgetMembership(token);
    if (error instanceof Refusal) throw error;
    const name = returnCode(error);
    const verdict = name === 'CKR_NONE' ? 'request' : token.classify(name);
    if (verdict === 'request' || verdict === 'unclear') {
      throw new Refusal('KeyNotUsable', `the clone does not open in this HSM (${name})`);
    }
    throw error;
  }
}

/**
 * Tries what must be impossible: to wrap the cluster key under a key of the user's own, and to widen what it may do. A
 * module that allows either is of no use as a member.
 */
function proveShut(token: Token, clusterKey: Buffer): void {
  const { module, objects } = token;
  const attributes = { ...sessionKeyAttributes({ wrapping: true }), VALUE_LEN: 32 };
  const own = module.C_GenerateKey(objects, { mechanism: pkcs11.CKM_AES_KEY_GEN }, template(attributes));
  const refused = (attempt: () => unknown): boolean => {
    try {
      attempt();
      return false;
    } catch {
      return true;
    }
  };
  const data = { ...sessionKeyAttributes({ data: true, extractable: true }), VALUE_LEN: 32 };
  const other = module.C_GenerateKey(objects, { mechanism: pkcs11.CKM_AES_KEY_GEN }, template(data));
  // The first line is the counter-check: the same wrapping must work with a key that may leave.
  const shut =
    !refused(() => module.C_WrapKey(objects, { mechanism: token.kwp }, own, other, Buffer.alloc(512))) &&
    refused(() => module.C_WrapKey(objects, { mechanism: token.kwp }, own, clusterKey, Buffer.alloc(512))) &&
    refused(() => module.C_SetAttributeValue(objects, clusterKey, template({ DECRYPT: true }))) &&
    refused(() => module.C_CopyObject(objects, clusterKey, template({ TOKEN: false, DECRYPT: true }))) &&
    refused(() => module.C_SetAttributeValue(objects, clusterKey, template({ WRAP_WITH_TRUSTED: false })));
  module.C_DestroyObject(objects, own);
  module.C_DestroyObject(objects, other);
  if (!shut)
    throw new Refusal('DeviceFailed', 'this PKCS#11 module cannot wrap keys, or would let the cluster key out');
}

function storeData(token: Token, label: string, value: Buffer): void {
  token.destroyAll({ CLASS: pkcs11.CKO_DATA, LABEL: label });
  token.module.C_CreateObject(
    token.objects,
    template({ CLASS: pkcs11.CKO_DATA, TOKEN: true, PRIVATE: false, LABEL: label, VALUE: value }),
  );
}

function one(token: Token, attributes: { CLASS: number; LABEL: string }): Buffer {
  const [object] = token.find(attributes);
  if (object === undefined) throw new Refusal('NotInitialised', `the HSM holds no ${attributes.LABEL}`);
  return object;
}

/** Removes what an unfinished or refused join left, but the transport pair. */
function forgetMembership(token: Token): void {
  const { transport: _, ...rest } = LABEL;
  for (const label of Object.values(rest)) token.destroyAll({ LABEL: label });
}

function forgetCluster(token: Token): void {
  for (const label of Object.values(LABEL)) token.destroyAll({ LABEL: label });
}
