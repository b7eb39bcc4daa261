/** CascadePage. */
export function CascadePage() {
  return <p class="note">loading …</p>
}
