import { text } from '../../schema/fields.ts';

/** A security group's name: as the vendor's, a letter first. */
export function groupName() {
  return text({
    doc: 'Name of the group. Need not be unique.',
    min: 2,
    max: 128,
    pattern: /^(?!https?:\/\/)\p{L}[\p{L}\p{N}:_.-]*$/u,
    form: 'a letter, then letters, digits, `:`, `_`, `.`, `-`',
  });
}

/** An interface's name. */
export function interfaceName() {
  return text({
    doc: 'Name of the interface. Need not be unique.',
    min: 2,
    max: 128,
    pattern: /^(?!https?:\/\/)[\p{L}\p{N}:_.-]+$/u,
    form: 'letters, digits, `:`, `_`, `.`, `-`',
  });
}

/** A description: 2 to 256 characters, no URL. */
export function descriptionField() {
  return text({
    doc: 'Free text.',
    min: 2,
    max: 256,
    pattern: /^(?!https?:\/\/)/,
    form: 'not beginning with `http://` or `https://`',
  });
}
