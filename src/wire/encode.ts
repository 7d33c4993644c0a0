import { PlainList, type WireObject, type WireValue } from '../core/wire-value.ts';
import type { Format } from './request.ts';

/** Content types exactly as clients compare them. */
export const CONTENT_TYPE: Readonly<Record<Format, string>> = {
  JSON: 'application/json;charset=utf-8',
  XML: 'text/xml;charset=utf-8',
};

export function encodeJson(tree: WireObject): string {
  return JSON.stringify(tree);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#13;',
};
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML 1.0 cannot carry at all
const IMPOSSIBLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/** Whether XML can carry the text as it is. */
export function fitsXml(text: string): boolean {
  return text.isWellFormed() && text.search(IMPOSSIBLE) < 0;
}

function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(IMPOSSIBLE, '\ufffd')
    .replace(/[&<>"'\r]/g, (character) => ENTITIES[character]!);
}

function element(name: string, value: WireValue): string {
  // Free trees come from stored JSON, which knows null although our type does not.
  if (value === null || value === undefined) return `<${name}></${name}>`;
  if (Array.isArray(value)) return value.map((item: WireValue) => element(name, item)).join('');
  if (value instanceof PlainList)
    return `<${name}>${value.items.map((item) => element(value.element, item)).join('')}</${name}>`;
  if (typeof value === 'object') return `<${name}>${members(value as WireObject)}</${name}>`;
  return `<${name}>${escapeXml(String(value))}</${name}>`;
}

/** Member names of free trees (condition keys, resource types) may be no XML names. */
function elementName(name: string): string {
  return /^[A-Za-z_][\w.-]*$/.test(name) ? name : `_${name.replaceAll(/[^\w.-]/g, '_')}`;
}

function members(tree: WireObject): string {
  return Object.entries(tree)
    .map(([name, value]) => element(elementName(name), value))
    .join('');
}

export function encodeXml(root: string, tree: WireObject): string {
  return `<?xml version="1.0" encoding="UTF-8"?><${root}>${members(tree)}</${root}>`;
}

/** A success: the operation's members and the request's id. */
export function encodeSuccess(format: Format, root: string, answer: WireObject, requestId: string): string {
  const tree = { ...answer, RequestId: requestId };
  return format === 'JSON' ? encodeJson(tree) : encodeXml(root, tree);
}

/** What an error says. Code and Message must not be empty: some clients take that for anything. */
export interface WireError {
  readonly requestId: string;
  readonly hostId: string;
  readonly code: string;
  readonly message: string;
  readonly status: number;
  /** Where to read on. */
  readonly recommend: string;
  readonly accessDeniedDetail: WireObject | undefined;
}

export function encodeError(format: Format, error: WireError): string {
  const tree: WireObject = {
    RequestId: error.requestId,
    HostId: error.hostId,
    Code: error.code || 'InternalError',
    Message: error.message || error.code || 'An internal error occurred.',
    Recommend: error.recommend,
    HttpStatus: error.status,
    ...(error.accessDeniedDetail === undefined ? {} : { AccessDeniedDetail: error.accessDeniedDetail }),
  };
  return format === 'JSON' ? encodeJson(tree) : encodeXml('Error', tree);
}
