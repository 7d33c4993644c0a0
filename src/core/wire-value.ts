/** What an answer is made of before it is written as JSON or XML. */
export type WireValue = string | number | boolean | WireObject | readonly WireValue[] | PlainList;

export interface WireObject {
  readonly [name: string]: WireValue;
}

/** A list that JSON shows as a bare array, while XML wraps it and repeats `element` inside. */
export class PlainList {
  readonly element: string;
  readonly items: readonly WireValue[];
  constructor(element: string, items: readonly WireValue[]) {
    this.element = element;
    this.items = items;
  }

  /** What JSON shows of it. */
  toJSON(): readonly WireValue[] {
    return this.items;
  }
}
