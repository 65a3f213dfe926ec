// The settings of Next.js: hookseal has a native module, so it must not be bundled.

export default {
  serverExternalPackages: ['hookseal'],
  distDir: 'target',
}
