export default {
  plugins: [
    () => ({
      workbench: [
        { packageName: '~/plugins/rooms', componentName: 'Cellar', label: 'Cellar', position: 'bottom' },
        { packageName: '~/plugins/rooms', componentName: 'Rooms', label: 'Rooms', props: { floors: 2 } },
      ],
    }),
  ],
}
