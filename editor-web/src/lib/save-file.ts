/** Gives the person a file that was made in the page. */
export const saveFile = (name: string, type: string, text: string): void =>
  save(name, new Blob([text], { type }));

export const saveBytes = (name: string, bytes: Uint8Array): void =>
  save(name, new Blob([bytes.slice()], { type: "application/octet-stream" }));

function save(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads it after the click: give it up later, or the download is empty.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
