import { describe, expect, it } from 'vitest';
import { PlainList } from '../core/wire-value.ts';
import { type Answer, encodeAnswer, optional, out } from './output.ts';

const member = { Id: out.text(''), Size: optional(out.integer('')) };
const fields = {
  Text: out.text(''),
  Number: out.integer(''),
  Flag: out.flag(''),
  Secret: out.secret(''),
  Inner: out.object('', member),
  Keys: out.list('', 'Key', member),
  Ids: out.textList('', 'Id'),
  Plain: out.plainList('', 'Item', member),
  Words: out.plainTextList('', 'Word'),
  Tree: out.free(''),
  Maybe: optional(out.object('', member)),
};
const answer: Answer<typeof fields> = {
  Text: '',
  Number: 0,
  Flag: false,
  Secret: 's',
  Inner: { Id: 'a' },
  Keys: [{ Id: 'a', Size: 1 }, { Id: 'b' }],
  Ids: ['x'],
  Plain: [{ Id: 'c' }],
  Words: [],
  Tree: { any: ['thing', 1, true] },
};

describe('an answer', () => {
  it('is wrapped as declared, with everything empty kept and everything undefined left out', () => {
    expect(encodeAnswer(fields, answer)).toEqual({
      Text: '',
      Number: 0,
      Flag: false,
      Secret: 's',
      Inner: { Id: 'a' },
      Keys: { Key: [{ Id: 'a', Size: 1 }, { Id: 'b' }] },
      Ids: { Id: ['x'] },
      Plain: new PlainList('Item', [{ Id: 'c' }]),
      Words: new PlainList('Word', []),
      Tree: { any: ['thing', 1, true] },
    });
    const left = encodeAnswer(fields, { ...answer, Maybe: undefined, Inner: { Id: 'a', Size: undefined } });
    expect(Object.hasOwn(left, 'Maybe') || Object.hasOwn(left.Inner as object, 'Size')).toBe(false);
    expect(encodeAnswer(fields, { ...answer, Maybe: { Id: 'm' } })).toMatchObject({ Maybe: { Id: 'm' } });
  });

  it('has its members in the order of declaration, and none that is not declared', () => {
    const shuffled = { Size: 3, Hidden: 'internal', Id: 'a' } as Answer<typeof member>;
    expect(JSON.stringify(encodeAnswer(member, shuffled))).toBe('{"Id":"a","Size":3}');
  });

  it('is written from lists that are empty too', () => {
    expect(encodeAnswer({ Keys: fields.Keys, Ids: fields.Ids }, { Keys: [], Ids: [] })).toEqual({
      Keys: { Key: [] },
      Ids: { Id: [] },
    });
  });

  it('is typed: what is missing or of another type does not compile', () => {
    // @ts-expect-error a member is missing
    const missing: Answer<typeof member> = {};
    // @ts-expect-error a number where text belongs
    const wrong: Answer<typeof member> = { Id: 1 };
    expect([missing, wrong]).toHaveLength(2);
  });
});

it('marks secrets and nothing else as secret', () => {
  const secret = Object.entries(fields).filter(([, field]) => field.secret);
  expect(secret.map(([name]) => name)).toEqual(['Secret']);
});
