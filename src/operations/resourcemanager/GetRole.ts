import { text } from '../../schema/fields.ts';
import { out } from '../../schema/output.ts';
import { reads } from './_product.ts';
import { language, type NamedRole, namedRole, roleAnswer, roleFound, roleOutput, rolePermission } from './_role.ts';

export const GetRole = reads({
  product: 'ResourceManager',
  name: 'GetRole',
  origin: 'vendor',
  title: 'Shows a role, and whether it is linked to a service.',
  input: {
    RoleName: text({
      doc: 'Name of the role, in any case.',
      required: true,
      max: 64,
      pattern: /^[A-Za-z0-9._-]+$/,
      form: 'letters, digits, `.`, `_`, `-`',
    }),
    Language: language(),
  },
  output: { Role: out.object('The role.', roleOutput) },
  resolve: (ctx, input): Promise<NamedRole> => namedRole(ctx, input.RoleName),
  permissions: [rolePermission('ram:GetRole')],
  guards: [roleFound],
  throttle: 'query',
  errors: [],
  references: ({ resolved }) => ({ 'ACS::RAM::Role': [resolved.role?.roleName ?? resolved.roleName] }),
  handle: async (ctx, _input, { role }) => {
    if (role === undefined) throw new Error('the guard roleFound was passed over');
    return { Role: await roleAnswer(ctx, role) };
  },
});
