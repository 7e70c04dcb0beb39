/* Photos and videos of the phone: kept on it with their order and time until the centre has them,
   in the order in which they were taken; a reload or a day without network loses none. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  if (hall.screen !== "phone") return;
  const STORE = "uploads";
  const SHOWN_MS = 20000;
  const AGAIN_MS = 4000;
  const LONGEST_SIDE = 2560;
  const QUALITY = 0.85;
  const SIGN_IN = 401;
  const settled = [];
  let sending = null;

  const opened = new Promise((resolve, reject) => {
    const asked = indexedDB.open("yiping", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "key" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  async function store(mode, act) {
    const transaction = (await opened).transaction(STORE, mode);
    const asked = act(transaction.objectStore(STORE));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  }
  const all = async () => (await store("readonly", (kept) => kept.getAll())).sort((a, b) => a.at - b.at);

  /* A photo is drawn anew: smaller, and without what the camera wrote into it. */
  async function smaller(file) {
    if (!file.type.startsWith("image/")) return file;
    const image = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => null);
    if (!image) return file;
    const share = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
    const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(image.width * share), height: Math.round(image.height * share) });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return new Promise((then) => canvas.toBlob((made) => then(made || file), "image/jpeg", QUALITY));
  }

  async function take(order, file) {
    const at = hall.now();
    const data = await smaller(file);
    const by = hall.who ? hall.who.id : "";
    const item = { key: hall.uuid(), order, at, by, type: data.type || file.type || "application/octet-stream", data: await data.arrayBuffer() };
    await store("readwrite", (kept) => kept.put(item));
    await paint();
    send();
  }

  async function post(item) {
    const query = new URLSearchParams({ order: item.order, at: String(item.at) });
    const headers = { "Content-Type": item.type, "Idempotency-Key": item.key };
    const answer = await fetch(`/api/v1/uploads?${query}`, { method: "POST", credentials: "same-origin", headers, body: item.data }).catch(() => null);
    if (!answer || answer.status >= 500 || answer.status === 429 || answer.status === SIGN_IN) return null;
    return { ok: answer.ok, body: await answer.json().catch(() => ({})) };
  }

  async function send() {
    if (sending || !hall.who) return;
    sending = "all";
    try {
      for (const item of await all()) {
        if (item.by && item.by !== hall.who.id) continue;
        sending = item.key;
        await paint();
        const answer = await post(item);
        if (!answer) return;
        await store("readwrite", (kept) => kept.delete(item.key));
        settled.push({ ...item, data: null, state: answer.ok ? "sent" : "refused", said: answer.ok ? "" : hall.reason(answer.body), doneAt: hall.now() });
        hall.tell("uploaded", { key: item.key, ...answer });
      }
    } finally {
      sending = null;
      await paint();
    }
  }

  function line(item) {
    const row = document.createElement("div");
    row.className = "msg";
    row.dataset.state = item.state || "pending";
    const words = document.createElement("div");
    const kind = item.type.startsWith("video/") ? "video" : "picture";
    words.textContent = hall.t(`scene.${kind}`, { at: hall.clockText(item.at, false) });
    const small = document.createElement("small");
    small.textContent = [item.order, item.said].filter(Boolean).join(" · ");
    words.append(small);
    const tag = document.createElement("span");
    tag.className = "tag";
    tag.textContent = item.state ? hall.t(`scene.${item.state}`) : sending === item.key ? hall.t("scene.sending") : hall.t("scene.unsent", { size: `${Math.max(1, Math.round(item.data.byteLength / 1024))} KB` });
    row.append(words, tag);
    return row;
  }

  async function paint() {
    const place = document.getElementById("phone-uploads");
    if (!place) return;
    const waiting = await all();
    const done = settled.filter((item) => hall.now() - item.doneAt < SHOWN_MS || item.state === "refused");
    place.replaceChildren(...[...done, ...waiting].map(line));
  }

  /* The camera of the phone itself, or a picture that is there already. */
  const picker = Object.assign(document.createElement("input"), { type: "file", accept: "image/*,video/*", hidden: true });
  picker.id = "phone-picker";
  picker.setAttribute("capture", "environment");
  let chosenFor = null;
  picker.addEventListener("change", () => {
    for (const file of picker.files) take(chosenFor, file);
    picker.value = "";
  });
  document.addEventListener("click", (event) => {
    const photo = event.target.closest("[data-photo]");
    if (photo) {
      chosenFor = photo.dataset.photo;
      if (!picker.isConnected) document.body.append(picker);
      picker.click();
    }
    const unfold = event.target.closest("[data-unfold]");
    if (unfold) unfold.parentElement.querySelector("[data-line]").dataset.on = "1";
    const fold = event.target.closest("[data-fold], .asked [data-act]");
    if (fold && fold.closest("[data-line]")) delete fold.closest("[data-line]").dataset.on;
  });

  hall.uploads = { take, all };
  hall.on("live", send);
  window.addEventListener("online", send);
  setInterval(send, AGAIN_MS);
  hall.on("tick", () => settled.length && paint());
  Promise.all([hall.ready, hall.words]).then(paint);
})();
