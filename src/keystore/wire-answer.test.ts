import { describe, expect, it } from 'vitest';
import { PlainList } from '../core/wire-value.ts';
import { AnswerReader } from './wire-answer.ts';

describe('AnswerReader', () => {
  const answer = new AnswerReader(
    {
      Name: 'n',
      Count: 3,
      Text: '12',
      Flag: true,
      Plain: [{ Id: 'a' }],
      Wrapped: { Item: [{ Id: 'b' }, { Id: 'c' }] },
      Bare: new PlainList('Item', [{ Id: 'd' }]),
      Ids: { Id: ['x', 'y'] },
      Inner: { Deep: { Id: 'e' } },
    },
    'Answer',
  );

  it('reads texts, and numbers written either way', () => {
    expect(answer.text('Name')).toBe('n');
    expect(answer.number('Count')).toBe(3);
    expect(answer.number('Text')).toBe(12);
    expect(answer.text('Flag')).toBe('true');
    expect(answer.optionalText('Absent')).toBeUndefined();
  });

  it.each([
    ['Plain', ['a']],
    ['Wrapped', ['b', 'c']],
    ['Bare', ['d']],
    ['Absent', []],
  ])('reads the list %s however it is wrapped', (name, ids) => {
    expect(answer.list(name).map((item) => item.text('Id'))).toEqual(ids);
  });

  it('reads lists of texts and nested structures', () => {
    expect(answer.textList('Ids')).toEqual(['x', 'y']);
    expect(answer.struct('Inner').struct('Deep').text('Id')).toBe('e');
  });

  it('names what is not as it should be', () => {
    expect(() => answer.text('Absent')).toThrow('Answer lacks Absent');
    expect(() => answer.number('Name')).toThrow('Answer.Name is no number');
    expect(() => answer.list('Name')).toThrow('Answer.Name is no list');
    expect(() => answer.text('Inner')).toThrow('Answer.Inner is no text');
    expect(() => answer.struct('Name')).toThrow('Answer.Name is no structure');
  });
});
