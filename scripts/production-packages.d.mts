/** What is read of package-lock.json. */
interface Lock {
  readonly packages: Readonly<Record<string, { readonly version: string; readonly optional?: boolean }>>;
}

export function productionPackages(lock: Lock): ReadonlySet<string>;
