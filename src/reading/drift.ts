/**
 * Watches the pages of one list. A thing that comes twice has moved from one page to another, so that some other thing
 * may have moved past the reader.
 */
export const drift = (): ((ids: readonly string[]) => boolean) => {
  const seen = new Set<string>();
  return (ids) => {
    const before = seen.size;
    for (const id of ids) seen.add(id);
    return seen.size < before + ids.length;
  };
};
