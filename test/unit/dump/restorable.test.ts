import test from 'ava'
import { restorable } from '../../../operator/dump/restorable.ts'

const kept = [
  '; Archive created at 2026-01-02 03:04:05 UTC',
  '5; 2615 16389 SCHEMA - EVENT TRIGGER t_owner',
  '6; 1259 16390 TABLE public PUBLICATION t_owner',
  '7; 0 0 COMMENT public TABLE PUBLICATION t_owner',
  '8; 0 16390 TABLE DATA public SUBSCRIPTION t_owner',
  '9; 1255 16391 FUNCTION public noticed() postgres',
]
const left = [
  '10; 3466 16392 EVENT TRIGGER - notices postgres',
  '11; 0 0 COMMENT - EVENT TRIGGER notices postgres',
  '12; 6104 16393 PUBLICATION - cdc postgres',
  '13; 0 0 COMMENT - PUBLICATION cdc postgres',
  '14; 6106 16394 PUBLICATION TABLE public cdc people postgres',
  '15; 6237 16395 PUBLICATION TABLES IN SCHEMA public cdc postgres',
  '16; 6100 16396 SUBSCRIPTION - cdc_in postgres',
  '17; 0 0 SECURITY LABEL - PUBLICATION cdc postgres',
]

test('what sends changes on or watches over them is not restored, whatever else is called so', (t) => {
  t.deepEqual(restorable([...kept, ...left].join('\n')).split('\n'), kept)
})
