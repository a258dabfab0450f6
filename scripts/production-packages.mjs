/**
 * The packages that an installation for production may have, by their place in package-lock.json (`node_modules/a`): what
 * the project's dependencies need, and what these need in turn. An optional peer is nobody's need.
 */
export function productionPackages(lock) {
  const found = new Set();
  const { dependencies, optionalDependencies } = lock.packages[''];
  const queue = Object.keys({ ...dependencies, ...optionalDependencies }).map((name) => ({ name, of: '' }));
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const place = resolve(lock, next.of, next.name);
    if (place === null || found.has(place)) continue;
    found.add(place);
    for (const name of needs(lock.packages[place])) queue.push({ name, of: place });
  }
  return found;
}

function needs({
  dependencies,
  optionalDependencies,
  peerDependencies = {},
  peerDependenciesMeta: meta = {},
}) {
  const peers = Object.keys(peerDependencies).filter((name) => meta[name]?.optional !== true);
  return [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers];
}

/** Where Node finds a package that the one at `of` asks for: beside it or further up; null where it isn't installed. */
function resolve(lock, of, name) {
  for (let folder = of; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const place = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (lock.packages[place] !== undefined) return place;
    if (folder === '') return null;
  }
}
