/**
 * Reads XML answers by the rule of the vendor's first Java SDK: an element whose children all have one name is a list
 * (with a single child, it may be one or not, so both readings are kept); anything else is a structure whose repeated
 * children overwrite one another. The result is flat: `Root.Keys.Length`, `Root.Keys[0].KeyId`.
 */
export interface XmlElement {
  readonly name: string;
  readonly children: XmlElement[];
  text: string;
}

const NAME = '[A-Za-z_][\\w.-]*';
const TOKEN = new RegExp(`<(/?)(${NAME})>|([^<]+)`, 'y');
// biome-ignore lint/suspicious/noControlCharactersInRegex: what XML 1.0 forbids
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function textOf(text: string): string {
  // A parser turns raw carriage returns into line feeds before anybody sees them.
  return text.replaceAll(/\r\n?/g, '\n').replaceAll(/&(?:#(\d+)|(\w+));|&/g, (whole, number, name) => {
    if (number !== undefined) return String.fromCodePoint(Number(number));
    const character = name === undefined ? undefined : ENTITIES[name];
    if (character === undefined) throw new Error(`bad entity ${whole}`);
    return character;
  });
}

/** Parses what an encoder without attributes writes. Throws on anything that is not well-formed. */
export function parseXml(xml: string): XmlElement {
  const prolog = '<?xml version="1.0" encoding="UTF-8"?>';
  if (!xml.startsWith(prolog)) throw new Error('no prolog');
  if (FORBIDDEN.test(xml) || !xml.isWellFormed()) throw new Error('a character that XML forbids');
  const top: XmlElement = { name: '', children: [], text: '' };
  const open: XmlElement[] = [top];
  TOKEN.lastIndex = prolog.length;
  while (TOKEN.lastIndex < xml.length) {
    const at = TOKEN.lastIndex;
    const [, slash, name, text] = TOKEN.exec(xml) ?? [];
    const inner = open.at(-1)!;
    if (text !== undefined) {
      if (text.includes(']]>')) throw new Error('the end of a section in text');
      inner.text += textOf(text);
    } else if (name === undefined) {
      throw new Error(`not well-formed at ${at}: ${xml.slice(at, at + 20)}`);
    } else if (slash === '/') {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes nothing`);
    } else {
      const element: XmlElement = { name, children: [], text: '' };
      inner.children.push(element);
      open.push(element);
    }
  }
  const [root, ...more] = top.children;
  if (open.length !== 1 || root === undefined || more.length > 0 || top.text !== '') throw new Error('not one root');
  return root;
}

/** The flat map that Java's answer classes are filled from. */
export function readLikeJava(xml: string): Record<string, string> {
  const map: Record<string, string> = {};
  const list = (items: readonly XmlElement[], path: string): void => {
    map[`${path}.Length`] = String(items.length);
    items.forEach((item, at) => {
      read(item, `${path}[${at}]`);
    });
  };
  const read = (element: XmlElement, path: string): void => {
    const { children } = element;
    if (children.length === 0) map[path] = element.text;
    else if (children.every((child) => child.name === children[0]!.name)) {
      list(children, path);
      if (children.length === 1) read(children[0]!, `${path}.${children[0]!.name}`);
    } else for (const child of children) read(child, `${path}.${child.name}`);
  };
  const root = parseXml(xml);
  read(root, root.name);
  return map;
}
