// Before anything is drawn: the theme that was chosen here last. Without a choice the system's counts.
const chosen = (() => {
  try {
    return localStorage.getItem('quarry-theme')
  } catch {
    return null
  }
})()
if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset['theme'] = chosen
