/** A label of a network resource; keys are unique on a resource. */
export interface ResourceTag {
  readonly key: string;
  readonly value: string;
}

/** A resource's labels as the condition keys that policies ask for: `acs:ResourceTag/<key>`. */
export function resourceTagConditions(tags: readonly ResourceTag[] = []): ReadonlyMap<string, string> {
  return new Map(tags.map(({ key, value }) => [`acs:ResourceTag/${key}`, value]));
}

/** Whether a resource carries all wanted labels; one wanted without a value asks for the key alone. */
export function hasTags(
  tags: readonly ResourceTag[],
  wanted: readonly { readonly key: string; readonly value: string | undefined }[],
): boolean {
  return wanted.every(({ key, value }) =>
    tags.some((tag) => tag.key === key && (value === undefined || tag.value === value)),
  );
}
