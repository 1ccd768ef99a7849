/** A heading's anchor, as GitHub makes it, so that a link to one leads there in both places. @param {string} title */
export function slugOf(title) {
  return title
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
    .replaceAll(' ', '-')
}
