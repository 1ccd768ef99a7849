// @vitest-environment happy-dom
// Here the first line is all that differs.
import './jsdom.test.js'
