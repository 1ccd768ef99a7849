/**
 * What puts text on the page: the seam where an incremental Markdown renderer takes the place of plain text. It is
 * called once a frame at most. Whoever makes markup of what a model says answers for what that markup can do.
 */
export interface Writer {
  /** What has come since the last call. */
  write(text: string): void
  /** Text was taken back: from now on this is the whole of it. */
  rewind(text: string): void
  /**
   * Nothing more will come: the answer is whole, or broke off, or was stopped. Not called of a stopped answer whose
   * element is another one's by then, or was cleared: nothing of the old one may be written there.
   */
  end?(): void
}
