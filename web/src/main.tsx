/** Puts the terminal on the page. */
import { render } from 'solid-js/web'
import { App } from './app.tsx'
import './style/base.css'
import './style/frame.css'
import './style/widgets.css'
import './style/pages.css'
import './style/position.css'
import './style/touch.css'
import { applyTheme } from './ui/theme.ts'

applyTheme()
const home = document.getElementById('terminal')
if (home) render(() => <App />, home)
