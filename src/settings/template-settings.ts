// Settings about element templates: which diagrams Quarry supports beyond those of its connector runtime line.
import { setting } from './setting.ts'
import { choice } from './setting-types.ts'

/** Whether diagrams of template version 1 are understood. */
export const templateV1 = setting(
  choice(['true', 'false']).transform((word) => word === 'true'),
  {
    environment: ['QUARRY_TEMPLATE_V1'],
    doc: 'Whether Converse tasks of element template version 1, made for Camunda 8.6, work as they did there.',
    example: 'true',
    default: 'false',
  },
)
