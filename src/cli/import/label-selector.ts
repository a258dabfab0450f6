import {
  isList,
  isObject,
  type JsonObject,
  type JsonValue,
  member,
  objectAt,
  textMember,
} from '../../kubernetes/json-value.js';

/** One demand on labels. */
interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
}

/** Kubernetes' LabelSelector: all demands must be met; without any it selects everything. */
export type LabelSelector = readonly Requirement[];

/** Reads a selector: `matchLabels` and `matchExpressions`. */
export function readSelector(selector: JsonObject): LabelSelector {
  const labels = Object.entries(objectAt(selector, 'matchLabels') ?? {}).map(([key, value]): Requirement => {
    return { key, operator: 'In', values: typeof value === 'string' ? [value] : [] };
  });
  const expressions = member(selector, 'matchExpressions');
  return [...labels, ...(isList(expressions) ? expressions.filter(isObject).map(readRequirement) : [])];
}

function readRequirement(expression: JsonObject): Requirement {
  return {
    key: textMember(expression, 'key') ?? '',
    operator: textMember(expression, 'operator') ?? '',
    values: textsOf(member(expression, 'values')),
  };
}

function textsOf(value: JsonValue | undefined): readonly string[] {
  return isList(value) ? value.filter((each) => typeof each === 'string') : [];
}

/** Whether the selector selects what bears these labels. An unknown operator selects nothing. */
export function selects(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  return selector.every(({ key, operator, values }) => {
    const label = Object.hasOwn(labels, key) ? labels[key] : undefined;
    switch (operator) {
      case 'In':
        return label !== undefined && values.includes(label);
      case 'NotIn':
        return label === undefined || !values.includes(label);
      case 'Exists':
        return label !== undefined;
      case 'DoesNotExist':
        return label === undefined;
      default:
        return false;
    }
  });
}
