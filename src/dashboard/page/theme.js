// Applies the theme that was chosen in this browser before anything is drawn. Without a choice the system's theme counts.
const chosen = (() => {
  try {
    return localStorage.getItem('quarry-theme')
  } catch {
    return null
  }
})()
if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset['theme'] = chosen
