/** Every region has three zones, named as the vendor names them: `cn-hangzhou-a`, `ap-southeast-1a`. */
export function zonesOf(region: string): readonly string[] {
  const joint = /\d$/.test(region) ? '' : '-';
  return ['a', 'b', 'c'].map((letter) => `${region}${joint}${letter}`);
}
