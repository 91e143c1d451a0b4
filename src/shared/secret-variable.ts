/**
 * The environment variable that holds a secret unless another is named, as Flyte's SDKs have it: the
 * group, if any, and the key in upper case with `-` as `_`. `my-key` of group `db` is `DB_MY_KEY`.
 */
export function secretVariable(key: string, group: string | undefined): string {
  const name = group === undefined || group === "" ? key : `${group}_${key}`;
  return name.toUpperCase().replaceAll("-", "_");
}
