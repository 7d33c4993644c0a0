/** `acs:<service>:<region>:<account>:<relative>`; see the table in docs/reference for who uses which. */
export interface Arn {
  readonly service: string;
  readonly region: string;
  readonly account: string;
  readonly relative: string;
}

/** Reads an ARN; undefined when the text has not the five parts. The relative part may hold colons. */
export function parseArn(text: string): Arn | undefined {
  const parts = text.split(':');
  if (parts.length < 5 || parts[0] !== 'acs' || parts[1] === '') return undefined;
  const [, service = '', region = '', account = ''] = parts;
  const relative = parts.slice(4).join(':');
  return relative === '' ? undefined : { service, region, account, relative };
}

/** ARN of a RAM role: the name in lower case, as every answer, event and policy comparison prints it. */
export function roleArn(account: string, roleName: string): string {
  return `acs:ram::${account}:role/${roleName.toLowerCase()}`;
}

export function userArn(account: string, userName: string): string {
  return `acs:ram::${account}:user/${userName}`;
}

export function kmsArn(region: string, account: string, relative: string): string {
  return `acs:kms:${region}:${account}:${relative}`;
}
