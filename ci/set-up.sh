# Shared by ci/certify and ci/test: says what is wrong in three parts (what, who, next), and brings in what a
# fresh Debian machine lacks. Sourced, never run.

# Prints a heading.
heading() {
  printf '\n=== %s\n' "$1"
}

# Ends the run: what happened, who is at fault, what to do next.
stop() {
  printf '\nstopped: %s\n  who   %s\n  next  %s\n' "$1" "$2" "$3" >&2
  exit "${4:-1}"
}

# Without cargo nothing starts; this machine's owner decides how Rust is installed.
need_cargo() {
  command -v cargo >/dev/null 2>&1 && return
  stop "there is no cargo on this machine" "the machine's set-up" \
    "install the Rust toolchain named in rust-toolchain.toml, then run this again" 2
}

# Installs the Debian packages named that are not installed yet.
need_packages() {
  local missing=() package
  if ! command -v dpkg >/dev/null 2>&1; then
    echo "no dpkg here: taking for granted what Debian calls: $*"
    return
  fi
  for package in "$@"; do
    dpkg -s "$package" 2>/dev/null | grep -q '^Status: install ok installed' || missing+=("$package")
  done
  if [ "${#missing[@]}" -eq 0 ]; then
    return
  fi
  if [ "$(id -u)" -ne 0 ]; then
    stop "these Debian packages are missing and only root may install them: ${missing[*]}" \
      "the machine's set-up" "sudo apt-get install ${missing[*]}   (then run this again, no longer as root)" 2
  fi
  heading "installing ${missing[*]}"
  apt-get update -qq || echo "the package lists could not be renewed; trying with those at hand"
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" ||
    stop "apt-get could not install ${missing[*]}" "the machine's set-up or its network" \
      "run the apt-get line by hand and see what it says" 2
}

# Installs a cargo tool into target/tools unless the machine has it: name of the subcommand, crate, version.
need_tool() {
  local subcommand=$1 crate=$2 version=$3
  cargo "$subcommand" --version >/dev/null 2>&1 && return
  heading "installing $crate $version into target/tools (once; minutes on a small machine)"
  env -u CARGO_TARGET_DIR cargo install --quiet --locked --root "$root/target/tools" --version "$version" "$crate" ||
    stop "$crate $version could not be installed" "the machine's set-up or its network" \
      "cargo install --locked --version $version $crate" 2
}
