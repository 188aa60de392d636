import { icon } from 'icons-of-nobody'

export default () => icon
