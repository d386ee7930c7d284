// A page that was opened from a folder may start no worker; the search then works in a frame of the page instead.
if (location.protocol === "file:") {
  window.Worker = window.IFrameWorker = class extends EventTarget {
    #waiting = []

    constructor(url) {
      super()
      const frame = document.createElement("iframe")
      frame.hidden = true
      frame.addEventListener("load", () => this.#begin(frame.contentWindow, url), { once: true })
      document.body.append(frame)
    }

    #begin(inside, url) {
      inside.IFrameWorker = window.IFrameWorker
      inside.postMessage = data => this.dispatchEvent(new MessageEvent("message", { data }))
      inside.importScripts = (...urls) => urls.reduce(
        (before, each) => before.then(() => load(inside, each)), Promise.resolve()
      )
      load(inside, url).then(() => {
        this.postMessage = data => inside.dispatchEvent(new inside.MessageEvent("message", { data }))
        this.#waiting.forEach(data => this.postMessage(data))
      })
    }

    postMessage(data) {
      this.#waiting.push(data)
    }

    terminate() {}
  }

  const load = (inside, url) => new Promise((done, failed) => {
    const script = inside.document.createElement("script")
    Object.assign(script, { src: url, onload: done, onerror: failed })
    inside.document.head.append(script)
  })
}
