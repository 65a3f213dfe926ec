// The settings of Next.js: hookseal has a native module, so it must not be bundled.

export default {
  serverExternalPackages: ['hookseal'],
  distDir: 'target',
  // Above this folder is another lock file, which Next.js would take for that of this project.
  turbopack: { root: import.meta.dirname },
}
