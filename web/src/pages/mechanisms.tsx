/** MechanismsPage. */
export function MechanismsPage() {
  return <p class="note">loading …</p>
}
