import pkcs11 from 'pkcs11js';
import type { DeviceUsage } from '../domain/hsm-devices.ts';
import * as admin from './admin.ts';
import { returnCode } from './classify.ts';
import { Keys } from './keys.ts';
import { LABEL, signWithIdentity } from './objects.ts';
import { decodeFields, encodeFrame, FRAME_HEAD, OP, type OpenRequest, STATUS, text } from './protocol.ts';
import { Refusal } from './refusal.ts';
import { Token } from './token.ts';

/** The process's one token, and its keys once the user is logged in. */
interface State {
  token: Token | undefined;
  keys: Keys | undefined;
}

type Handler = (state: State, fields: Buffer[]) => Uint8Array[];

const NOTHING: Uint8Array[] = [];
const MEMORY_CHECK_EVERY = 5_000;

function theToken(state: State): Token {
  if (state.token === undefined) throw new Refusal('NotInitialised', 'the module is not open');
  return state.token;
}

function theKeys(state: State): Keys {
  if (state.keys === undefined) throw new Refusal('NotInitialised', 'the HSM holds no cluster key');
  return state.keys;
}

function field(fields: readonly Buffer[], index: number): Buffer {
  const value = fields[index];
  if (value === undefined) throw new Refusal('InvalidRequest', 'a field is missing');
  return value;
}

function login(state: State, fields: Buffer[]): Uint8Array[] {
  const token = theToken(state);
  token.loginUser(field(fields, 0).toString('utf8'));
  const [clusterKey] = token.find({ CLASS: pkcs11.CKO_SECRET_KEY, LABEL: LABEL.clusterKey });
  if (clusterKey === undefined) return [Buffer.alloc(0)];
  const clusterId = token.attribute(clusterKey, 'ID');
  state.keys = new Keys(token, clusterId, clusterKey, token.request.cachedKeys);
  return [clusterId];
}

function identity(state: State, fields: Buffer[]): Uint8Array[] {
  const token = theToken(state);
  const certificate = (label: string): Buffer => {
    const [object] = token.find({ CLASS: pkcs11.CKO_CERTIFICATE, LABEL: label });
    if (object === undefined) throw new Refusal('NotInitialised', 'the HSM holds no certificates');
    return token.attribute(object, 'VALUE');
  };
  const [key] = token.find({ CLASS: pkcs11.CKO_PRIVATE_KEY, LABEL: LABEL.identity });
  if (key === undefined) throw new Refusal('NotInitialised', 'the HSM holds no identity key');
  const certificates = [certificate(LABEL.ownerCertificate), certificate(LABEL.clusterCertificate)];
  return [signWithIdentity(token, key, field(fields, 0)), ...certificates];
}

const HANDLERS: Readonly<Record<number, Handler>> = {
  [OP.open](state, fields) {
    state.token = Token.open(JSON.parse(field(fields, 0).toString('utf8')) as OpenRequest);
    return [text(JSON.stringify(state.token.info()))];
  },
  [OP.login]: login,
  [OP.identity]: identity,
  [OP.selfTest](state) {
    theKeys(state).selfTest();
    return NOTHING;
  },
  [OP.generate]: (state, fields) => [
    theKeys(state).generate(field(fields, 0).readUInt8(0), field(fields, 1).readUInt16BE(0)),
  ],
  [OP.loadCheck]: (state, fields) => [theKeys(state).loadCheck(field(fields, 0))],
  [OP.random]: (state, fields) => [theKeys(state).random(field(fields, 0).readUInt16BE(0))],
  [OP.forget](state, fields) {
    theKeys(state).forget(field(fields, 0));
    return NOTHING;
  },
  [OP.stats](state) {
    const stats: DeviceUsage = { cachedKeys: state.keys?.cached ?? 0 };
    return [text(JSON.stringify(stats))];
  },
  [OP.initToken]: (state, fields) => [
    text(
      admin.initToken(
        theToken(state),
        field(fields, 0).toString('utf8'),
        field(fields, 1).toString('utf8'),
        field(fields, 2).toString('utf8'),
      ),
    ),
  ],
  [OP.wipeToken](state, fields) {
    theToken(state).initialise(field(fields, 0).toString('utf8'), field(fields, 1).toString('utf8'));
    return NOTHING;
  },
  [OP.createIdentity](state) {
    const { clusterId, spki } = admin.createIdentity(theToken(state));
    return [clusterId, spki];
  },
  [OP.sign]: (state, fields) => [admin.sign(theToken(state), field(fields, 0))],
  [OP.installCertificates](state, fields) {
    const pair = (at: number) => ({ der: field(fields, at), subject: field(fields, at + 1) });
    admin.installCertificates(theToken(state), pair(0), pair(2));
    return NOTHING;
  },
  [OP.prepareJoin]: (state) => [admin.prepareJoin(theToken(state))],
  [OP.sealClusterKey](state, fields) {
    const pin = (at: number): string => field(fields, at).toString('utf8');
    const { sealed, identityBlob } = admin.sealClusterKey(theToken(state), pin(0), pin(1), field(fields, 2));
    return [sealed, identityBlob];
  },
  [OP.completeJoin](state, fields) {
    const facts = JSON.parse(field(fields, 0).toString('utf8')) as admin.CloneFacts;
    admin.completeJoin(theToken(state), facts, field(fields, 1), field(fields, 2));
    return NOTHING;
  },
};

/** The two hot operations write straight into the answer's frame. */
function gcm(state: State, id: number, op: number, fields: Buffer[]): Buffer {
  const keys = theKeys(state);
  const [blob, iv, aad, data] = [field(fields, 0), field(fields, 1), field(fields, 2), field(fields, 3)];
  const frame = Buffer.allocUnsafe(FRAME_HEAD + 4 + data.length + 16);
  const out = frame.subarray(FRAME_HEAD + 4);
  const length = op === OP.encrypt ? keys.encrypt(blob, iv, aad, data, out) : keys.decrypt(blob, iv, aad, data, out);
  frame.writeUInt32BE(FRAME_HEAD + length, 0);
  frame.writeUInt32BE(id, 4);
  frame[8] = STATUS.ok;
  frame.writeUInt32BE(length, FRAME_HEAD);
  return frame.subarray(0, FRAME_HEAD + 4 + length);
}

/** Turns what was thrown into words that are safe to log. */
function refusal(state: State, error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const name = returnCode(error);
  const verdict = state.token?.classify(name) ?? 'request';
  if (verdict === 'pin') return new Refusal('DeviceFailed', `the HSM refused Coffer's own PIN: ${name}`, true, true);
  const detail = name === 'CKR_NONE' && error instanceof Error ? error.name : name;
  return new Refusal('DeviceFailed', `the HSM failed: ${detail}`, verdict !== 'request');
}

/** Answers one request after another; `fatal` says that the process should end once the answer is out. */
export function createDispatcher(): (id: number, op: number, body: Buffer) => { frame: Buffer; fatal: boolean } {
  const state: State = { token: undefined, keys: undefined };
  let answered = 0;
  const outgrown = (): boolean => {
    answered += 1;
    if (answered % MEMORY_CHECK_EVERY !== 0) return false;
    return process.memoryUsage.rss() > (state.token?.request.memoryBytes ?? Number.POSITIVE_INFINITY);
  };
  return (id, op, body) => {
    try {
      const fields = decodeFields(body, 5);
      if (op === OP.encrypt || op === OP.decrypt) return { frame: gcm(state, id, op, fields), fatal: outgrown() };
      const handler = HANDLERS[op];
      if (handler === undefined) throw new Refusal('InvalidRequest', 'no such operation', true);
      return { frame: encodeFrame(id, STATUS.ok, handler(state, fields)), fatal: outgrown() };
    } catch (error) {
      const { code, message, fatal, pin } = refusal(state, error);
      const status = pin ? STATUS.pinRefused : STATUS.refused;
      return { frame: encodeFrame(id, status, [text(code), text(message)]), fatal };
    }
  };
}
