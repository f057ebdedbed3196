/**
 * Which line of the Java connector's behaviour is reproduced where the lines differ: `8.8` is what runtime 8.8.7 was
 * recorded to do, `8.9` is 8.9.7, `8.10` the line after it.
 */
export type Compatibility = '8.8' | '8.9' | '8.10'
