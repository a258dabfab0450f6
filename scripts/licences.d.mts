export function licenceOf(component: { readonly licenses?: readonly object[] }): string;
export function isAllowed(licence: string): boolean;
