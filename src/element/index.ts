/** The table of contents of `holdfast/element`. */
export { AnswerElement, type AnswerElementEvents, defineAnswer } from './answer-element.ts'
