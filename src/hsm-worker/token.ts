import pkcs11 from 'pkcs11js';
import { classify, returnCode, type Verdict } from './classify.ts';
import type { ModuleProfile, OpenRequest } from './protocol.ts';
import { Refusal } from './refusal.ts';

/** Attributes by name without the `CKA_`. */
export type Attributes = Readonly<Record<string, number | boolean | string | Buffer>>;

const TOKEN_INITIALIZED = 0x400;

/** A template of the binding. A name the binding does not know is a mistake of ours and throws. */
export function template(attributes: Attributes): pkcs11.Template {
  const constants = pkcs11 as unknown as Record<string, number>;
  return Object.entries(attributes).map(([name, value]) => {
    const type = constants[`CKA_${name}`];
    if (type === undefined) throw new TypeError(`no attribute CKA_${name}`);
    return { type, value };
  });
}

/**
 * One token of one PKCS#11 module, with two sessions: objects belong to `objects`, which stays open; operations run on
 * `work`, which is closed and opened anew after any error, since a failed call may leave an operation active on it.
 */
export class Token {
  readonly module: pkcs11.PKCS11;
  readonly profile: ModuleProfile;
  readonly request: OpenRequest;
  #slot: Buffer;
  #objects: Buffer | undefined;
  #work: Buffer | undefined;

  private constructor(module: pkcs11.PKCS11, request: OpenRequest, slot: Buffer) {
    this.module = module;
    this.profile = request.profile;
    this.request = request;
    this.#slot = slot;
  }

  /** Loads the module and finds the token, or a slot without one when the wanted token is not there yet. */
  static open(request: OpenRequest): Token {
    const module = new pkcs11.PKCS11();
    try {
      module.load(request.library);
      module.C_Initialize({ flags: pkcs11.CKF_OS_LOCKING_OK });
    } catch (error) {
      throw new Refusal('DeviceFailed', `the PKCS#11 module cannot be loaded (${returnCode(error)})`, true);
    }
    const slot = findSlot(module, request);
    if (slot === undefined) throw new Refusal('DeviceFailed', 'the configured token is not there', true);
    return new Token(module, request, slot);
  }

  /** Mechanism of key wrapping. */
  get kwp(): number {
    return this.profile.mechanisms.kwp;
  }

  /** What a return code of this module means. */
  classify(name: string): Verdict {
    return classify(name, this.profile.verdicts);
  }

  /** Serial number and whether the token is initialised. */
  info(): { serial: string; initialised: boolean } {
    const info = this.module.C_GetTokenInfo(this.#slot);
    return { serial: trimmed(info.serialNumber), initialised: (info.flags & TOKEN_INITIALIZED) !== 0 };
  }

  /** Erases the token and finds it again, as its slot may have changed. */
  initialise(officerPin: string, label: string): void {
    this.closeSessions();
    this.module.C_InitToken(this.#slot, officerPin, label.padEnd(32, ' '));
    if (!this.profile.quirks.slotMovesOnInit) return;
    this.module.C_Finalize();
    this.module.C_Initialize({ flags: pkcs11.CKF_OS_LOCKING_OK });
    const slot = findSlot(this.module, this.request);
    if (slot === undefined) throw new Refusal('DeviceFailed', 'the token vanished when it was initialised', true);
    this.#slot = slot;
  }

  /** The session objects live in. */
  get objects(): Buffer {
    this.#objects ??= this.#session();
    return this.#objects;
  }

  /** The session cryptographic operations run on. */
  get work(): Buffer {
    this.#work ??= this.#session();
    return this.#work;
  }

  /** To be called after any error of an operation begun on `work`. */
  dropWork(): void {
    const session = this.#work;
    this.#work = undefined;
    if (session === undefined) return;
    try {
      this.module.C_CloseSession(session);
    } catch {
      // It is gone already, which is what was wanted.
    }
  }

  /** Closes both sessions: their objects and the login end with them. */
  closeSessions(): void {
    for (const session of [this.#work, this.#objects]) {
      try {
        if (session !== undefined) this.module.C_CloseSession(session);
      } catch {
        // As above.
      }
    }
    this.#work = undefined;
    this.#objects = undefined;
  }

  loginUser(pin: string): void {
    this.module.C_Login(this.objects, pkcs11.CKU_USER, pin);
  }

  loginOfficer(pin: string): void {
    this.module.C_Login(this.objects, pkcs11.CKU_SO, pin);
  }

  /** Ends the login; handles of private objects end with it. */
  logout(): void {
    this.module.C_Logout(this.objects);
  }

  /** Handles of at most 16 objects that match. */
  find(attributes: Attributes): Buffer[] {
    this.module.C_FindObjectsInit(this.objects, template(attributes));
    try {
      return this.module.C_FindObjects(this.objects, 16);
    } finally {
      this.module.C_FindObjectsFinal(this.objects);
    }
  }

  /** The value of one attribute, named without `CKA_`. */
  attribute(object: Buffer, name: string): Buffer {
    const [row] = template({ [name]: 0 });
    const [result] = this.module.C_GetAttributeValue(this.objects, object, [{ type: row!.type }]);
    return result?.value as Buffer;
  }

  destroyAll(attributes: Attributes): void {
    for (let found = this.find(attributes); found.length > 0; found = this.find(attributes)) {
      for (const object of found) this.module.C_DestroyObject(this.objects, object);
    }
  }

  #session(): Buffer {
    return this.module.C_OpenSession(this.#slot, pkcs11.CKF_SERIAL_SESSION | pkcs11.CKF_RW_SESSION);
  }
}

/** Labels and serial numbers are padded with blanks, by some modules with zero bytes. */
function trimmed(text: string): string {
  return text.replace(/[\0 ]+$/, '');
}

function findSlot(module: pkcs11.PKCS11, { select }: OpenRequest): Buffer | undefined {
  let blank: Buffer | undefined;
  for (const slot of module.C_GetSlotList(true)) {
    const info = module.C_GetTokenInfo(slot);
    const initialised = (info.flags & TOKEN_INITIALIZED) !== 0;
    if (
      'serial' in select
        ? trimmed(info.serialNumber) === select.serial
        : initialised && trimmed(info.label) === select.label
    )
      return slot;
    if (!initialised) blank ??= slot;
  }
  return 'label' in select && select.orBlank === true ? blank : undefined;
}
