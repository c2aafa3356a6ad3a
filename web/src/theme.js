// Stands in the head of every page (plugins/policy.ts) and runs before the first paint, so that a dark room never
// flashes white. src/ui/look.svelte.ts writes what is read here.
(function () {
  var root = document.documentElement;
  try {
    root.dataset.theme = localStorage.getItem('bookreader.theme') || 'system';
    root.dataset.motion = localStorage.getItem('bookreader.motion') || 'on';
    root.lang = localStorage.getItem('bookreader.locale') || (/^ru\b/i.test(navigator.language) ? 'ru' : 'en');
  } catch {
    root.dataset.theme = 'system';
  }
})();
