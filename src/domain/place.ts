/** Where a record lives. `region` is the empty string for records of global products (RAM, accounts). */
export interface Place {
  readonly account: string;
  readonly region: string;
}
