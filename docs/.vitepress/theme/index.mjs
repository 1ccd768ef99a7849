// Without the fonts it would bring: each reader's own has the letters of their language.
export { default } from 'vitepress/theme-without-fonts'
