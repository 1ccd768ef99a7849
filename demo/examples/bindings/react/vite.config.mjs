// Vite itself understands JSX.
export default {}
