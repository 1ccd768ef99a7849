// To be run with NODE_OPTIONS=--experimental-vm-modules: the package is ES modules only.
export default {
  testEnvironment: './environment.js',
  transform: {},
}
