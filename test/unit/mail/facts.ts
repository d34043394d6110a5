import type { InviteFacts } from '../../../operator/mail/message.ts'

/** An invite to be varied by a test. */
export function inviteFacts(over: Partial<InviteFacts> = {}): InviteFacts {
  return {
    uid: '0b7c6f9e-2f0c-4d47-9f14-2f7a3f0f7c11',
    tenantUid: 'a3f1c0de-8a55-4f0e-b0a8-6c9d4b1e2f70',
    sequence: 1,
    email: 'jane.doe@example.com',
    firstName: 'Jane',
    lastName: 'Doe',
    username: 'jane',
    role: 'Admin',
    tenantName: 'Blue Harbor Logistics',
    inviterName: 'Northwind MSP',
    productName: 'Tenantry at Northwind',
    expiresAt: Date.UTC(2026, 10, 29, 14, 5),
    acceptUrl: 'https://admin.example.com/accept?token=AbC-_123',
    mailDomain: 'mail.example.com',
    ...over,
  }
}
