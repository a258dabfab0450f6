/** Whether a path argument is a pattern: shells that find no match, and quotes, leave them to the program. */
export function isGlob(path: string): boolean {
  return /[*?[{]/.test(path);
}

/** The part of a pattern before its first special character, up to the last slash: where the search begins. */
export function globBase(pattern: string): string {
  const special = pattern.search(/[*?[{]/);
  const slash = pattern.lastIndexOf('/', special);
  return slash < 0 ? '.' : pattern.slice(0, slash) || '/';
}

/**
 * The pattern as a regular expression over whole paths with `/`: `*` and `?` within a name, `**` across folders,
 * `[a-z]` and `[!a]`, `{yaml,yml}`. Names that begin with a dot are matched only where the pattern says the dot.
 */
export function globExpression(pattern: string): RegExp {
  let expression = '';
  let depth = 0;
  for (let index = 0; index < pattern.length; index += 1) {
    const rest = pattern.slice(index);
    const atStart = index === 0 || pattern[index - 1] === '/';
    const list = /^\[(!?)([^\]/]+)\]/.exec(rest);
    const char = rest.charAt(0);
    if (rest.startsWith('**/') && atStart) {
      expression += '(?:(?!\\.)[^/]+/)*';
      index += 2;
    } else if (rest === '**' && atStart) {
      expression += '(?:(?!\\.)[^/]+/)*(?!\\.)[^/]+';
      index += 1;
    } else if (char === '*') expression += atStart ? '(?!\\.)[^/]*' : '[^/]*';
    else if (char === '?') expression += '[^/]';
    else if (list !== null) {
      expression += `[${list[1] ? '^' : ''}${(list[2] ?? '').replaceAll(/[\\^[]/g, '\\$&')}]`;
      index += list[0].length - 1;
    } else if (char === '{' && rest.includes('}')) {
      expression += '(?:';
      depth += 1;
    } else if (char === '}' && depth > 0) {
      expression += ')';
      depth -= 1;
    } else if (char === ',' && depth > 0) expression += '|';
    else expression += char.replaceAll(/[\\^$.|+()[\]{}*?/]/g, '\\$&');
  }
  return new RegExp(`^${expression}${')'.repeat(depth)}$`, 'u');
}
