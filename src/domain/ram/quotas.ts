/** How much one account may have. */
export interface RamQuotas {
  readonly users: number;
  readonly groups: number;
  readonly groupsPerUser: number;
  /** Also of the root user. */
  readonly accessKeysPerUser: number;
  /** Service-linked roles count, but are made beyond it. */
  readonly roles: number;
  readonly policies: number;
  readonly versionsPerPolicy: number;
  readonly customPoliciesPerUser: number;
  readonly customPoliciesPerGroup: number;
  readonly customPoliciesPerRole: number;
  readonly systemPoliciesPerEntity: number;
}

/** The vendor's limits (help page 28753). */
export const RAM_QUOTAS: RamQuotas = Object.freeze({
  users: 5000,
  groups: 300,
  groupsPerUser: 10,
  accessKeysPerUser: 2,
  roles: 1000,
  policies: 1500,
  versionsPerPolicy: 5,
  customPoliciesPerUser: 10,
  customPoliciesPerGroup: 10,
  customPoliciesPerRole: 10,
  systemPoliciesPerEntity: 20,
});
