/** Licences that ask for nothing but their text and notices to be kept. */
const ALLOWED = new Set([
  'Apache-2.0',
  'MIT',
  'MIT-0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'Python-2.0',
  'PSF-2.0',
  'Unlicense',
  'PostgreSQL',
  'CC0-1.0',
  'Zlib',
]);

/** The licence of a component of a CycloneDX document as an SPDX expression; `none` where it tells of none. */
export function licenceOf({ licenses = [] }) {
  const all = licenses.map(({ license, expression }) => license?.id ?? license?.name ?? expression ?? 'none');
  return all.join(' AND ') || 'none';
}

/** Whether a licence goes with Apache-2.0; one of an expression's alternatives is enough. */
export function isAllowed(licence) {
  return licence
    .replace(/[()]/g, '')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((one) => ALLOWED.has(one)));
}
