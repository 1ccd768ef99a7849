/** What is known of the page around us, if there is one: the only file that looks. */

/** Whether this runs in a page, where everything is in the hands of whoever opened it. */
export function isPage(): boolean {
  return typeof window === 'object' && typeof document === 'object'
}
