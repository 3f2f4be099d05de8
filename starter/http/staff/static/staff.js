// What pages do beyond HTML: parts marked `data-live` follow what happens. Without it every page works, by reloading.
